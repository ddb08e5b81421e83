"""Figures that Plotly draws: made here, put into the page as JSON, coloured in the browser."""
