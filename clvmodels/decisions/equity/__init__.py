"""Customer equity: today's customers and those still to come, with a range that earlier dates bear out."""
