"""The made-up municipality: raw files of every kind in their real layouts, made from one model of pupils' answers.

`town` and `works` say who writes what, `responses` and `sitting` how, `population` and `tally` add it up; `frames`,
`reports`, `forms`, `exports` and `registers` print it; `dirt` spoils a little of it on purpose; `inbox` lays it out.
Nothing here is read by the pipeline itself, and nobody in it is real.
"""

from msoko_pipeline.sample.inbox import write_sample

__all__ = ["write_sample"]
