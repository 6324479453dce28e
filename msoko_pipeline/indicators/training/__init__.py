"""Quality of training over all procedures (roadmap 2.4)."""
