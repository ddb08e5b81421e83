"""How fast the desk is, measured on this machine beside something simpler in the same minute."""
