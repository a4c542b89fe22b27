# cmake -DOBJDUMP=... -DOBJECTS=... -P: each function of peak_avx2 and peak_avx512 must hold as many fused
# multiply-adds of its own width as it has chains, or a multiple of that where the loop was unrolled.
foreach(object ${OBJECTS})
  if(NOT object MATCHES "peak_(avx2|avx512)\\.cpp")
    continue()
  endif()
  string(REPLACE "avx2" "ymm" register ${CMAKE_MATCH_1})
  string(REPLACE "avx512" "zmm" register ${register})
  execute_process(COMMAND ${OBJDUMP} -d --no-show-raw-insn ${object} OUTPUT_VARIABLE code
                  COMMAND_ERROR_IS_FATAL ANY)
  foreach(type ps pd)
    string(REGEX MATCHALL "vfmadd[0-9]+${type}[^\n]*%${register}" found "${code}")
    list(LENGTH found count)
    math(EXPR rest "${count} % 12")
    if(count EQUAL 0 OR NOT rest EQUAL 0)
      message(SEND_ERROR "${object}: ${count} vfmadd..${type} on ${register}; 12 chains are counted")
    endif()
  endforeach()
endforeach()
