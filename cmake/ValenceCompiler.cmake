# Language level, warnings and sanitizers, the same for every target.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
find_package(Threads REQUIRED)

find_program(VALENCE_CCACHE ccache)
if(VALENCE_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${VALENCE_CCACHE})
endif()

add_library(valence_warnings INTERFACE)
target_compile_options(valence_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
  -Wno-sign-conversion -Wnon-virtual-dtor -Woverloaded-virtual -Werror)

if(VALENCE_SANITIZE)
  add_compile_options(-fsanitize=${VALENCE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${VALENCE_SANITIZE})
endif()
