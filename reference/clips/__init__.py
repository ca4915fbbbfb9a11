"""Two small sets of real skeleton clips that ship with the project; README.md says what they are and are not."""
