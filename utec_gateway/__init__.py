"""The U-tec Gateway: signs in to the U-tec cloud once and answers Home Assistant for years."""
