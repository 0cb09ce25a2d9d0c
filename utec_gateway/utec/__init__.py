"""U-tec's wire: envelopes, tokens and failures in, our values and errors out."""
