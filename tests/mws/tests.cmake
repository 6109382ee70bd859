# The tests of this area that open sockets.
foreach(name test_http_client test_http_send test_client test_profile)
    if(TEST ${name})
        set_tests_properties(${name} PROPERTIES LABELS "mws;e2e")
    endif()
endforeach()
