# Opens sockets on loopback.
if(TEST test_http_server)
    set_tests_properties(test_http_server PROPERTIES LABELS e2e)
endif()
