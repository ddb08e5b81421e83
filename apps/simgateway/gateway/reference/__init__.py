"""Who is who: contracts, chains, scans, ids, and what is not on offer."""
