"""Where tables rest: the lake of Parquet runs, and the engines that read it."""
