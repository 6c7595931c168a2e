// openapi.json, as it is.
  .section .rodata
  .global valence_openapi_begin
  .global valence_openapi_end
valence_openapi_begin:
  .incbin VALENCE_OPENAPI
valence_openapi_end:
  .section .note.GNU-stack,"",%progbits
