# autopayctl against a server that plays the daemon.
find_program(PYTHON python3)
if(PYTHON AND TARGET autopayctl)
    add_test(NAME autopayctl COMMAND ${PYTHON} -B
        ${CMAKE_CURRENT_SOURCE_DIR}/scheduler/autopayctl_test.py $<TARGET_FILE:autopayctl>)
    set_tests_properties(autopayctl PROPERTIES LABELS scheduler TIMEOUT 300)
endif()
