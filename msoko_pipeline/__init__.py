"""МСОКО: from the Excel files of a town's schools to published marts. `schemas` says what, this package knows how."""

__version__ = "0.1.0"
