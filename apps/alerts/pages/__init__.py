"""Small pages behind links that work signed out."""
