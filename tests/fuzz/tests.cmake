# Each fuzz_<name>.c is built twice: as the ctest fuzz_<name>, which replays corpus/<name>/ with any
# compiler; and, only in the build of tests/fuzz/run (clang, instrumented), as libfuzzer_<name>.
option(LIBFUZZER "Build the libfuzzer_<name> programs: by tests/fuzz/run" OFF)
set(FUZZ ${CMAKE_CURRENT_SOURCE_DIR}/fuzz)

add_library(fuzz_text OBJECT fuzz/fuzz_text.c)
add_library(fuzz_replay OBJECT fuzz/replay_main.c)

function(fuzz_target name library)
    if(NOT TARGET ${library})
        return()
    endif()
    add_executable(fuzz_${name} fuzz/fuzz_${name}.c)
    target_link_libraries(fuzz_${name} fuzz_replay fuzz_text ${library})
    add_test(NAME fuzz_${name} COMMAND fuzz_${name} ${FUZZ}/corpus/${name})
    # A library that talks on stderr about foreign bytes would write into the daemon's log.
    set_tests_properties(fuzz_${name} PROPERTIES LABELS fuzz TIMEOUT 120
        FAIL_REGULAR_EXPRESSION " error : ")
    if(LIBFUZZER)
        add_executable(libfuzzer_${name} fuzz/fuzz_${name}.c)
        target_link_libraries(libfuzzer_${name} fuzz_text ${library})
        target_link_options(libfuzzer_${name} PRIVATE -fsanitize=fuzzer)
    endif()
endfunction()

fuzz_target(values billing)
fuzz_target(zone billing)
fuzz_target(policy billing)
fuzz_target(json edge)
fuzz_target(reply mws)
fuzz_target(profile mws)
fuzz_target(ipn_envelope mws)
fuzz_target(ipn_notification scheduler)
fuzz_target(certificate edge)
fuzz_target(form sandbox)
fuzz_target(simulation sandbox)
fuzz_target(admin_body scheduler)
fuzz_target(config scheduler)
