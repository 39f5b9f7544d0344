"""What one does with orders of new numbers: search, place, provision, accept terms."""
