/* The model file, as bytes of the program: mapped with it, read from the disk only where it is used. */
    .section .rodata, "a"
    .global valence_default_model_begin
    .global valence_default_model_end
    .balign 64
valence_default_model_begin:
#ifdef VALENCE_DEFAULT_MODEL
    .incbin VALENCE_DEFAULT_MODEL
#endif
valence_default_model_end:
    .byte 0
    .section .note.GNU-stack, "", %progbits
