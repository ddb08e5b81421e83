"""The gateway's phrases around an error's cause. The two letters differ from build to build."""


def invalid(cause: str, letters: str = "bO") -> str:
    """Error 321."""
    return f"Error validating request.-'{letters}' : cause - {cause}"


def unprocessed(cause: str, letters: str = "bW") -> str:
    """Error 322."""
    return f"Error processing request.-'{letters}' : cause - {cause}"
