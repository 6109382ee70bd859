# Opens sockets on loopback.
if(TEST test_http_server)
    set_tests_properties(test_http_server PROPERTIES LABELS e2e)
endif()
# The one test that sees both tables; the sandbox itself may not.
if(TARGET test_currencies AND TARGET mws)
    target_link_libraries(test_currencies mws)
endif()
