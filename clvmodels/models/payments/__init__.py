"""Whether invoices are paid."""
