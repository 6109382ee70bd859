# The real programs against each other. Slow ones take fewer rounds under the sanitizers.
find_program(PYTHON python3)
set(E2E ${CMAKE_CURRENT_SOURCE_DIR}/e2e)

# A script may be several tests, with other arguments each.
function(e2e_test_as name script)
    add_test(NAME e2e_${name} COMMAND ${PYTHON} -B ${E2E}/${script} --build ${CMAKE_BINARY_DIR} ${ARGN})
    set_tests_properties(e2e_${name} PROPERTIES LABELS e2e TIMEOUT 300 COST 10)
endfunction()

function(e2e_test name)
    e2e_test_as(${name} ${name} ${ARGN})
endfunction()

if(TARGET autopayd AND TARGET mws-sandbox)
    if(SANITIZE)
        e2e_test(kill9 --kills 8 --charges 240)
        e2e_test_as(kill9_told kill9 --authorization mixed --settle-by discovery --notify --kills 5
            --charges 120 --span 9)
    else()
        e2e_test(kill9)
        e2e_test_as(kill9_told kill9 --authorization mixed --settle-by discovery --notify --kills 12
            --charges 240 --span 9)
    endif()
    foreach(way repeat discovery)
        foreach(reading first duplicate-request duplicate-reference)
            e2e_test_as(lost_answers_${way}_${reading} lost_answers --settle-by ${way}
                --repeated ${reading})
        endforeach()
    endforeach()
    foreach(mode synchronous asynchronous mixed)
        e2e_test_as(modes_${mode} modes --mode ${mode})
    endforeach()
    e2e_test(operations)
    e2e_test(lifecycle)
    e2e_test(bad_input)
    e2e_test(trouble)
    e2e_test(guards)
    foreach(reading first duplicate-request duplicate-reference)
        e2e_test_as(captures_${reading} captures --repeated ${reading})
    endforeach()
    e2e_test(why)
    e2e_test(regions)
    e2e_test(notifications)
endif()

if(TARGET mws-call AND TARGET mws-sandbox)
    foreach(flow flow_auto_pay flow_one_time flow_declines)
        e2e_test(${flow})
        e2e_test_as(${flow}_ipn ${flow} --told-by ipn)
    endforeach()
endif()

if(TARGET mws-sandbox)
    e2e_test(notifications_out)
    # A client that others wrote, from the npm registry, against the sandbox.
    add_test(NAME e2e_npm_client COMMAND ${E2E}/npm-client/run.sh $<TARGET_FILE:mws-sandbox>
        ${CMAKE_BINARY_DIR}/npm-client)
    set_tests_properties(e2e_npm_client PROPERTIES LABELS e2e TIMEOUT 300)
endif()
