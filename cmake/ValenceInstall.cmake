# cmake --install: program, library, headers, CMake package, man page and shell completions.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

install(TARGETS valence_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
if(VALENCE_TRAIN)
  install(TARGETS valence_train_program RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
get_property(static_libraries GLOBAL PROPERTY VALENCE_STATIC_LIBRARIES)
install(TARGETS valence valence_dependencies ${static_libraries}
  EXPORT valenceTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/valence DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN *.h)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/valence)
install(EXPORT valenceTargets NAMESPACE valence:: DESTINATION ${package_dir})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/valenceConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES cmake/valenceConfig.cmake ${CMAKE_BINARY_DIR}/valenceConfigVersion.cmake
  DESTINATION ${package_dir})

install(FILES docs/valence.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES LICENSE README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})

# valence_completion(SHELL FOLDER FILE): the program writes its own completions.
function(valence_completion shell folder file)
  set(script ${CMAKE_BINARY_DIR}/completions/${file})
  add_custom_command(OUTPUT ${script} DEPENDS valence_cli VERBATIM
    COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/completions
    COMMAND sh -c "\"$1\" completion $2 > \"$3\"" sh $<TARGET_FILE:valence_cli> ${shell} ${script})
  add_custom_target(completion_${shell} ALL DEPENDS ${script})
  install(FILES ${script} DESTINATION ${CMAKE_INSTALL_DATADIR}/${folder})
endfunction()
valence_completion(bash bash-completion/completions valence)
valence_completion(zsh zsh/site-functions _valence)
valence_completion(fish fish/vendor_completions.d valence.fish)
