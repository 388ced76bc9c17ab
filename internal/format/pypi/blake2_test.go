package pypi

import "testing"

// The sums are those of Python's hashlib.
func TestBlake2bIsPythons(t *testing.T) {
	for _, test := range []struct {
		length int
		want   string
	}{
		{0, "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8"},
		{1, "e88bd757ad5b9bedf372d8d3f0cf6c962a469db61a265f6418e1ffed86da29ec"},
		{3, "9facd640130c81e7f318a8d5c660bc1b0f5d03861ffbd4cc1358e0e904593c28"},
		{127, "c9ae3859964b35f04c54b36d33cf299d7290ee621005d28e51598a943560aaaa"},
		{128, "f0501d06597880592bc49234eef100ec1ff349058d0e9d9b753504e24af86dd6"},
		{129, "a34a4e1e03c541dfbf3099c4b6c143c022ced65c28bd7e8a10e0a098461aecf0"},
		{255, "f2d64a40e9412a3414161ff6250075225418fd7c271c1123e162e1bca0de9f93"},
		{256, "d93ebb9c802f5630ab22516fd82b6c21bc8bd551d531349b715f046ed11ed871"},
		{257, "4ce481b24d387422d2bc2baa03d1afd55a1327939ff537c71eb9b38709268649"},
		{1000, "d62b6c768ce1afc8367e0498ab2f8e3f7c178c35b1429f14c4604b545d200f52"},
		{100000, "20b8634b7228973e5a49a5f6857b7fe2e879a928f797a682928c00eaa8fb7776"},
	} {
		data := make([]byte, test.length)
		for i := range data {
			data[i] = byte(i*7 + 3)
		}
		for _, step := range []int{1, 127, 128, 129, 300, test.length + 1} {
			b := newBlake2b()
			for rest := data; len(rest) > 0; {
				n := min(step, len(rest))
				if _, err := b.Write(rest[:n]); err != nil {
					t.Fatal(err)
				}
				rest = rest[n:]
			}
			if got := b.sum(); got != test.want {
				t.Errorf("%d bytes, %d at a time: got %s, want %s", test.length, step, got, test.want)
			}
		}
	}
}

func BenchmarkBlake2b(b *testing.B) {
	data := make([]byte, 1<<20)
	b.SetBytes(int64(len(data)))
	sum := newBlake2b()
	for b.Loop() {
		sum.Write(data) //nolint:errcheck // it never fails
	}
}
