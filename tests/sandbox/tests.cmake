# Opens sockets on loopback.
if(TEST test_http_server)
    set_tests_properties(test_http_server PROPERTIES LABELS e2e)
endif()
# The one test that sees both tables; the sandbox itself may not.
if(TARGET test_currencies)
    target_sources(test_currencies PRIVATE ${CMAKE_SOURCE_DIR}/mws/region.c)
endif()
