"""What is likely: features of a request, the trained classifier, and how well it does."""
