package fence_test

import (
	"testing"

	"github.com/mailhelpbot/mailhelpbot/internal/fence"
)

func TestDo(t *testing.T) {
	var told []any
	tell := func(v any) { told = append(told, v) }
	ran := false
	if !fence.Do(tell, func() { ran = true }) || !ran || told != nil {
		t.Errorf("a function in order: ran %v, told %v", ran, told)
	}
	if fence.Do(tell, func() { panic("x") }) || len(told) != 1 || told[0] != "x" {
		t.Errorf("a panic was told as %v, want x once", told)
	}
	if fence.Do(nil, func() { panic("x") }) {
		t.Error("a panic that nobody is told of counts as an end in order")
	}
}
