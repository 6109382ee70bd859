# End-to-end tests: whole programs, real sockets (label e2e).
if(TARGET mws-sandbox)
    # A client that others wrote, from the npm registry, against the sandbox.
    add_test(NAME e2e_npm_client COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/e2e/npm-client/run.sh
        $<TARGET_FILE:mws-sandbox> ${CMAKE_BINARY_DIR}/npm-client)
    set_tests_properties(e2e_npm_client PROPERTIES LABELS e2e TIMEOUT 300)
endif()
