"""Schools at risk: rules and thresholds as data, pure judgements over shares and results, each with its reasons."""
