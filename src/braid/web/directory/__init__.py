"""The directory of services in the database: filled at each start and run, and read by anybody."""
