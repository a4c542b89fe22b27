# hikaku_library(name SOURCES... [LINK targets...])   a layer of the house, src/<name>
# hikaku_test(name SOURCES... [LINK targets...] [LABEL label] [SERIAL] [SETS NAME=VALUE])
#   a GoogleTest program, registered with CTest; SERIAL: it takes times, so no other test runs beside
#   it. Its label is the folder's name (ctest -L data), or `slow` for what takes minutes under a
#   sanitizer, or `gpu` for what needs one; the target tests_<label> builds all of a label. SETS: an
#   environment variable of its runs.

add_library(hikaku_options INTERFACE)
target_compile_features(hikaku_options INTERFACE cxx_std_20)
target_include_directories(hikaku_options INTERFACE ${CMAKE_CURRENT_SOURCE_DIR}/src)
target_compile_options(hikaku_options INTERFACE
                       $<$<COMPILE_LANGUAGE:CXX>:-Wall;-Wextra;-Wpedantic>)
if(HIKAKU_WERROR)
  target_compile_options(hikaku_options INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Werror>)
endif()
if(HIKAKU_SANITIZE)
  target_compile_options(hikaku_options INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-fsanitize=${HIKAKU_SANITIZE};-fno-omit-frame-pointer>)
  target_link_options(hikaku_options INTERFACE -fsanitize=${HIKAKU_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # GCC 12 sees uninitialised members in its own <regex> once it is instrumented.
    target_compile_options(hikaku_options INTERFACE
                           $<$<COMPILE_LANGUAGE:CXX>:-Wno-maybe-uninitialized>)
  endif()
endif()

function(hikaku_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_library(hikaku_${name} STATIC ${ARG_SOURCES})
  set_target_properties(hikaku_${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  target_link_libraries(hikaku_${name} PUBLIC hikaku_options ${ARG_LINK})
endfunction()

# Tests keep what they tune away from the user's own cache.
set(HIKAKU_TEST_ENVIRONMENT "XDG_CACHE_HOME=${CMAKE_CURRENT_BINARY_DIR}/cache")

function(hikaku_test name)
  cmake_parse_arguments(ARG "SERIAL" "LABEL;SETS" "SOURCES;LINK" ${ARGN})
  if(NOT ARG_LABEL)
    get_filename_component(ARG_LABEL ${CMAKE_CURRENT_SOURCE_DIR} NAME)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE hikaku_options ${ARG_LINK} GTest::gtest GTest::gtest_main)
  if(NOT TARGET tests_${ARG_LABEL})
    add_custom_target(tests_${ARG_LABEL})
  endif()
  add_dependencies(tests_${ARG_LABEL} ${name})
  # Not a second value of ENVIRONMENT: gtest_discover_tests would take the list apart.
  if(ARG_SETS)
    string(REPLACE "=" "=set:" more "ENVIRONMENT_MODIFICATION;${ARG_SETS}")
  endif()
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST
                       PROPERTIES TIMEOUT 300 LABELS ${ARG_LABEL} RUN_SERIAL ${ARG_SERIAL}
                                  ENVIRONMENT ${HIKAKU_TEST_ENVIRONMENT} ${more})
endfunction()
