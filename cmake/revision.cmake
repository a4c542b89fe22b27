# cmake -DSOURCE=... -DOUTPUT=... -P revision.cmake: writes the revision of git into a header, which
# changes only when the revision does. Runs at each build: one taken while configuring would lie.
execute_process(COMMAND git -C ${SOURCE} describe --always --dirty --abbrev=12
                OUTPUT_VARIABLE revision OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT revision)
  set(revision unknown)
endif()
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT "#define HIKAKU_REVISION \"${revision}\"\n")
