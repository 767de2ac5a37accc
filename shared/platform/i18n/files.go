//go:build !packed

package i18n

import (
	"embed"
	"path"
)

//go:embed locales
var files embed.FS

// concerns returns the files of one language.
func concerns(lang Lang) (list [][]byte) {
	dir := path.Join("locales", string(lang))
	entries, _ := files.ReadDir(dir)
	for _, entry := range entries {
		if raw, err := files.ReadFile(path.Join(dir, entry.Name())); err == nil {
			list = append(list, raw)
		}
	}
	return list
}
