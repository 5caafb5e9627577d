"""What several plots use: their style, grids of histories, expectations of new customers, checks of what is passed."""
