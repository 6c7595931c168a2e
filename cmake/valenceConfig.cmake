# find_package(valence): gives the target valence::valence. The static libraries that it is linked with
# have to be installed as well; README.md names their packages.
include(CMakeFindDependencyMacro)
find_dependency(Threads)
include(${CMAKE_CURRENT_LIST_DIR}/valenceTargets.cmake)
