"""Problems of planning, the plans that answer them, and an independent check of both; every plan is a proposal."""
