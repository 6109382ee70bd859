# autopayctl against a server that plays the daemon.
find_program(PYTHON python3)
if(PYTHON AND TARGET autopayctl)
    add_test(NAME autopayctl COMMAND ${PYTHON} -B
        ${CMAKE_CURRENT_SOURCE_DIR}/scheduler/autopayctl_test.py $<TARGET_FILE:autopayctl>)
    set_tests_properties(autopayctl PROPERTIES LABELS scheduler TIMEOUT 300)
endif()

# The tests of this area that open sockets; and certificates as nobody should make them.
foreach(name test_ipn test_ipn_work)
    if(TEST ${name})
        set_tests_properties(${name} PROPERTIES LABELS "scheduler;e2e")
    endif()
endforeach()
if(TARGET test_ipn)
    target_sources(test_ipn PRIVATE mws/odd_certificate.c)
endif()
