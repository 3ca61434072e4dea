"""Before an audit: what of each host can be seen and what cannot, why, and what allows it with the least privilege."""
