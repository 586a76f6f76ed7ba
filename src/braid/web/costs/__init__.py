"""What services cost whom, as it may be published, and who pays and who saves by a change."""
