"""U-tec's words, all of them; nothing above this floor knows an envelope or an `st.` name."""
