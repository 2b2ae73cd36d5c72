# Writes the commit of SOURCE into OUTPUT, a header, when it has changed.
execute_process(COMMAND git -C ${SOURCE} describe --always --dirty --abbrev=12
    OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT commit)
    set(commit "unknown (no git)")
endif()
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT "#define STIPPLE_COMMIT \"${commit}\"\n")
