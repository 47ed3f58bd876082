"""Surveys of drone orthomosaics and their evaluations, as data frames.

Candidates from imagery alone, for review by people. No detection is not "no hazard": read
`Survey.gaps` first.

The program `rams` does the work; this package runs it and reads its files.
"""

from rams.evaluations import Evaluation, compare, evaluate
from rams.program import RamsError, UnexpectedGaps, find_program
from rams.surveys import Survey, read_survey, survey

__all__ = [
    "Evaluation",
    "RamsError",
    "Survey",
    "UnexpectedGaps",
    "compare",
    "evaluate",
    "find_program",
    "read_survey",
    "survey",
]
