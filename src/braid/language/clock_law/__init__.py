"""The law of each clock, a file a subject. The texts are in English law as it applies in England."""
