/* The reference runtime, as cmake/runtime.cmake built it. */
    .section .rodata
    .global stipple_runtime_begin
    .global stipple_runtime_end
    .balign 16
stipple_runtime_begin:
    .incbin STIPPLE_RUNTIME_FILE
stipple_runtime_end:
    .section .note.GNU-stack, "", @progbits
