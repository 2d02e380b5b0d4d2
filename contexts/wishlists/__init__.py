"""What people would like to have: lists of products, kept, watched and shared."""
