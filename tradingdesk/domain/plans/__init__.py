"""What a strategy proposes: a plan of lines, read strictly, split into brackets, held to its exposure."""

from tradingdesk.domain.plans.bracket import Bracket, brackets_of, split
from tradingdesk.domain.plans.bracket_csv import Parsed, parse_plan
from tradingdesk.domain.plans.exposure import Allotment, allot
from tradingdesk.domain.plans.file_name import newest_of, stamp_of
from tradingdesk.domain.plans.line import Line, line_problem
from tradingdesk.domain.plans.problem import Problem, Scope
from tradingdesk.domain.plans.signal import signal_digest

REASONS = {
    "FILE_TOO_LARGE": "The file is larger than a plan can be.",
    "FILE_EMPTY": "The file has no lines.",
    "FILE_MARKED": "The file starts with a byte order mark.",
    "FILE_ENCODING": "The file is not plain UTF-8 text.",
    "FILE_TRUNCATED": "The file does not end with a line break: it may be half-written.",
    "FILE_UNREADABLE": "The text is not well-formed CSV.",
    "FILE_NAME_UNKNOWN": "The file name does not follow the pattern of the plan runs.",
    "FILE_OVERTAKEN": "A later run of the same day lies beside the file; only the newest one counts.",
    "FILE_STALE": "The date in the file name is before the trading day.",
    "FILE_DATED_AHEAD": "The date in the file name is after the trading day.",
    "COLUMN_MISSING": "A column of the format is missing.",
    "COLUMN_UNKNOWN": "A column is not part of the format.",
    "COLUMN_REPEATED": "A column appears twice.",
    "ROW_LENGTH": "The row has more or fewer cells than the header.",
    "ROW_COUNT": "The file has more rows than a plan can have.",
    "CELL_FORMULA": "The cell would run as a formula in a spreadsheet.",
    "CELL_CONTROL": "The cell holds a control character.",
    "CELL_NOT_FINITE": "The cell is NaN, infinite or a 'no value' mark.",
    "CELL_NOT_A_NUMBER": "The cell is not a number.",
    "CELL_TOO_LARGE": "The number is larger than anything a plan trades.",
    "CELL_NEGATIVE": "The number must not be negative.",
    "CELL_ZERO": "The number must not be zero.",
    "CELL_MISSING": "The cell is empty.",
    "CELL_UNKNOWN": "The cell holds none of the words allowed here.",
    "SYMBOL_MALFORMED": "The cell is not a ticker symbol.",
    "SYMBOL_REPEATED": "The same ticker stands on two lines.",
    "QUANTITY_FRACTIONAL": "The quantity is not a whole number.",
    "QUANTITY_TOO_SMALL": "Fewer than two units cannot be split into two brackets.",
    "STOP_MISPLACED": "The stop is not on the losing side of the entry.",
    "TARGET_MISPLACED": "A target is not on the winning side of the entry, or the targets are out of order.",
    "EXPOSURE_LIMIT": "The line would take the day's planned exposure over its limit.",
}

__all__ = [
    "REASONS",
    "Allotment",
    "Bracket",
    "Line",
    "Parsed",
    "Problem",
    "Scope",
    "allot",
    "brackets_of",
    "line_problem",
    "newest_of",
    "parse_plan",
    "signal_digest",
    "split",
    "stamp_of",
]
