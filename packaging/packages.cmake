# SPDX-License-Identifier: Apache-2.0
#
# Packages by CPack: `cpack --config build/release/CPackConfig.cmake -G DEB -B DIR` (or RPM). What a
# distribution's own packaging would add (compressed manual, changelog, copyright) is put into the
# staged tree by stage.cmake, so that `cmake --install` stays plain.

set(CPACK_PACKAGE_NAME minirun)
set(CPACK_PACKAGE_VENDOR "the minirun maintainers")
set(CPACK_PACKAGE_CONTACT "minirun maintainers <maintainers@minirun.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGE_DESCRIPTION
"minirun takes an OCI bundle (a root file system and a config.json) and turns
it into an isolated process: namespaces, a cgroup, mounts, capabilities, a
seccomp filter. It speaks the command line of runc and crun, so that podman,
containerd, Docker and CRI-O can call it in their place, and it explains
what it does to who wants to understand containers.")
set(CPACK_RESOURCE_FILE_LICENSE ${CMAKE_SOURCE_DIR}/LICENSE)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/stage.cmake)
set(CPACK_MINIRUN_SOURCE ${CMAKE_SOURCE_DIR}) # CPack hands CPACK_* on to stage.cmake
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${CMAKE_CURRENT_LIST_DIR}/postrm)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
# by name: the unprivileged need newuidmap; pictures and limits need nothing
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS uidmap)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "podman, criu, libsystemd0")

set(CPACK_RPM_FILE_NAME RPM-DEFAULT)
set(CPACK_RPM_PACKAGE_RELEASE 1)
set(CPACK_RPM_PACKAGE_LICENSE Apache-2.0)
set(CPACK_RPM_PACKAGE_GROUP System/Base)
set(CPACK_RPM_PACKAGE_DESCRIPTION "${CPACK_PACKAGE_DESCRIPTION}") # else CPack's own words
set(CPACK_RPM_PACKAGE_AUTOREQ ON)
set(CPACK_RPM_POST_UNINSTALL_SCRIPT_FILE ${CMAKE_CURRENT_LIST_DIR}/postrm)
foreach(directory share share/man share/man/man5 share/man/man7 share/man/man8 share/doc
        share/bash-completion share/bash-completion/completions share/zsh share/zsh/site-functions
        share/fish share/fish/vendor_completions.d share/containers
        share/containers/containers.conf.d libexec)
    list(APPEND CPACK_RPM_EXCLUDE_FROM_AUTO_FILELIST_ADDITION /usr/${directory})
endforeach()

include(CPack)
