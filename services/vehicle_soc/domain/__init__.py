"""Pure: what a reading is worth, how sources combine, when a cloud may be asked again."""
